from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assistant', '0003_calls_without_a_turn'),
    ]

    operations = [
        migrations.AlterField(
            model_name='proposal',
            name='cell_kind',
            field=models.CharField(choices=[('python', 'Python'), ('markdown', 'Markdown'), ('sql', 'SQL'), ('sheet', 'Sheet'), ('javascript', 'JavaScript'), ('raw', 'raw')], max_length=10),
        ),
    ]
